//! Compiles the Sass, names every asset by its content, compresses it, and writes the table that
//! `src/assets.rs` includes. No Node, and nothing fetched.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest as _, Sha256};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// File name in `assets/fonts`, and the constant that templates use.
const FONTS: [(&str, &str); 3] =
    [("body.woff2", "BODY_FONT"), ("body-ext.woff2", "BODY_EXT_FONT"), ("head.woff2", "HEAD_FONT")];

struct Built {
    constant: &'static str,
    path: String,
    content_type: &'static str,
    bytes: String,
    /// Brotli, then gzip; none where compressing again gains nothing.
    compressed: Option<(String, String)>,
    etag: String,
}

fn main() -> Outcome<()> {
    for watched in ["scss", "assets", "vendor", "build.rs"] {
        println!("cargo:rerun-if-changed={watched}");
    }
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);

    let mut built = Vec::new();
    let mut css = compile(&root)?;
    for (file, constant) in FONTS {
        let source = root.join("assets/fonts").join(file);
        let bytes = fs::read(&source)?;
        let etag = short_hash(&bytes);
        let path = format!("/assets/{}-{etag}.woff2", file.trim_end_matches(".woff2"));
        css = replace_once(&css, &format!("url(\"{file}\")"), &format!("url(\"{path}\")"))?;
        built.push(Built {
            constant,
            path,
            content_type: "font/woff2",
            bytes: source.display().to_string(),
            compressed: None,
            etag,
        });
    }
    built.push(text(&out, "STYLE", "app", "css", "text/css; charset=utf-8", css.as_bytes())?);
    let mark = fs::read(root.join("assets/mark.svg"))?;
    built.push(text(&out, "MARK", "mark", "svg", "image/svg+xml", &mark)?);

    fs::write(out.join("assets.rs"), table(&built)?)?;
    Ok(())
}

fn compile(root: &Path) -> Outcome<String> {
    let options = grass::Options::default()
        .style(grass::OutputStyle::Compressed)
        .quiet(true)
        .load_path(root.join("scss"))
        .load_path(root.join("vendor/govuk-frontend"));
    let css = grass::from_path(root.join("scss/app.scss"), &options)?;
    Ok(css.trim_start_matches('\u{feff}').to_owned())
}

fn replace_once(css: &str, what: &str, with: &str) -> Outcome<String> {
    match css.matches(what).count() {
        1 => Ok(css.replace(what, with)),
        found => Err(format!("{what} is in the style sheet {found} times, not once").into()),
    }
}

fn text(
    out: &Path,
    constant: &'static str,
    stem: &str,
    extension: &str,
    content_type: &'static str,
    bytes: &[u8],
) -> Outcome<Built> {
    let plain = out.join(format!("{stem}.{extension}"));
    let br = out.join(format!("{stem}.{extension}.br"));
    let gz = out.join(format!("{stem}.{extension}.gz"));
    fs::write(&plain, bytes)?;

    let mut squeezed = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut squeezed, &settings)?;
    fs::write(&br, squeezed)?;

    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    fs::write(&gz, encoder.finish()?)?;

    let etag = short_hash(bytes);
    Ok(Built {
        constant,
        path: format!("/assets/{stem}-{etag}.{extension}"),
        content_type,
        bytes: plain.display().to_string(),
        compressed: Some((br.display().to_string(), gz.display().to_string())),
        etag,
    })
}

/// Sixteen hex digits: enough to tell the versions of one file apart.
fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn table(built: &[Built]) -> Outcome<String> {
    let mut code = String::new();
    for asset in built {
        writeln!(code, "/// Address of this asset, with the hash of its content.")?;
        writeln!(code, "pub const {}: &str = {:?};", asset.constant, asset.path)?;
    }
    writeln!(code, "static ASSETS: [Asset; {}] = [", built.len())?;
    for asset in built {
        let (br, gz) = match &asset.compressed {
            Some((br, gz)) => {
                (format!("Some(include_bytes!({br:?}))"), format!("Some(include_bytes!({gz:?}))"))
            }
            None => ("None".to_owned(), "None".to_owned()),
        };
        writeln!(
            code,
            "Asset {{ path: {:?}, content_type: {:?}, etag: {:?}, bytes: include_bytes!({:?}), br: {br}, gz: {gz} }},",
            asset.path,
            asset.content_type,
            format!("\"{}\"", asset.etag),
            asset.bytes,
        )?;
    }
    writeln!(code, "];")?;
    Ok(code)
}
