fn main() {
    let read = |key: &kith_vault::OwnerKey| key.cipher().clone();
    let _ = read;
}
