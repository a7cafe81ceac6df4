//! kith-policy
