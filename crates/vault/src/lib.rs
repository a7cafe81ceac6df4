//! kith-vault
