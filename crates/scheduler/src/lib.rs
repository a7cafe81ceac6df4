//! kith-scheduler
