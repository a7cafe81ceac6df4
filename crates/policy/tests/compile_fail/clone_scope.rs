//! A request made to last by copying it.
use kith_policy::RequestScope;

fn needs_clone<T: Clone>() {}

fn main() {
    needs_clone::<RequestScope>();
}
