//! What people see and send: pages, forms, and the files that pages need.

pub mod assets;
pub mod gallery;

mod form_view;
mod page;
mod picture;
mod words;

#[cfg(test)]
mod contrast;
