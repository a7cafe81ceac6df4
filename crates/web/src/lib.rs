//! What people see and send: pages, forms, and the files that pages need.

pub mod assets;

#[cfg(test)]
mod contrast;
