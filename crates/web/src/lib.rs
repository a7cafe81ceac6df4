//! What people see and send: pages, forms, and the files that pages need.

pub mod assets;
pub mod gallery;

mod form_view;
mod http;
mod page;
mod picture;
mod said;
mod words;

pub use http::{DemoDoors, KeptMail, Method, ROUTES, Route, WebSettings, router};

#[cfg(test)]
mod contrast;
