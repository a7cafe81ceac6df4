//! kith-mail
