//! Handing mails to relays: a real one, and scripted ones for what a real one does not do.

mod pool;
mod script;
mod sink;
mod tls;
mod together;
