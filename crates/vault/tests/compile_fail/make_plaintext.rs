fn main() {
    let _ = kith_vault::Plaintext(String::from("12 High Street").into());
}
