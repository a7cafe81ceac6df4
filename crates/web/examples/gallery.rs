//! Writes every page in every state, and the assets, into a directory, to look at them:
//! `cargo run -p kith-web --example gallery -- DIRECTORY`, then serve that directory.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(env::args_os().nth(1).ok_or("which directory?")?);
    fs::create_dir_all(directory.join("assets"))?;
    for asset in kith_web::assets::Asset::all() {
        fs::write(directory.join(asset.path.trim_start_matches('/')), asset.bytes)?;
    }
    for sample in kith_web::gallery::pages()? {
        fs::write(directory.join(format!("{}.html", sample.name)), sample.html)?;
    }
    Ok(())
}
