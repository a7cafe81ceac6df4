//! The program itself, for tests that run it.

use std::path::{Path, PathBuf};

use tokio::process::Command;
use tokio::sync::OnceCell;

/// The program, which is built first where it is not there.
///
/// # Panics
/// When it cannot be built.
pub async fn program() -> &'static Path {
    static PROGRAM: OnceCell<PathBuf> = OnceCell::const_new();
    PROGRAM
        .get_or_init(async || {
            let test = std::env::current_exe().expect("a test is a program");
            let folder = test.parent().and_then(Path::parent).expect("it is in a folder");
            let program = folder.join("kith");
            if !program.is_file() {
                let built = Command::new(env!("CARGO"))
                    .args(["build", "--package", "kith-server"])
                    .current_dir(env!("CARGO_MANIFEST_DIR"))
                    .status()
                    .await
                    .expect("cargo can be run");
                assert!(built.success() && program.is_file(), "the program can be built");
            }
            program
        })
        .await
}
