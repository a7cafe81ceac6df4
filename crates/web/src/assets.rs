//! Style sheet, fonts and mark, compiled in and compressed ahead of time by `build.rs`.

/// One file that never changes under its address: `Cache-Control: public, max-age=31536000,
/// immutable`.
#[derive(Debug)]
pub struct Asset {
    /// Address, with the hash of the content in it.
    pub path: &'static str,
    /// For the `Content-Type` header.
    pub content_type: &'static str,
    /// For the `ETag` header, quotes included.
    pub etag: &'static str,
    /// As it is.
    pub bytes: &'static [u8],
    /// Brotli, where that is smaller.
    pub br: Option<&'static [u8]>,
    /// gzip, for clients without brotli.
    pub gz: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

impl Asset {
    /// The asset at this address, the leading `/assets/` included.
    pub fn find(path: &str) -> Option<&'static Self> {
        ASSETS.iter().find(|asset| asset.path == path)
    }

    /// Every asset, for routes and tests.
    pub fn all() -> &'static [Self] {
        &ASSETS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn css() -> &'static str {
        str::from_utf8(Asset::find(STYLE).unwrap().bytes).unwrap()
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        for foreign in ["GDS Transport", "assets.nhs.uk", "url(http", "url(//", "@import"] {
            assert!(!css().contains(foreign), "{foreign} in the style sheet");
        }
    }

    #[test]
    fn every_font_that_the_style_sheet_names_is_served() {
        let named = css()
            .match_indices("url(")
            .map(|(at, _)| css()[at + 4..].split(')').next().unwrap().trim_matches(['"', '\'']));
        let mut seen = 0;
        for path in named.filter(|path| !path.starts_with("data:")) {
            assert!(Asset::find(path).is_some(), "{path}");
            seen += 1;
        }
        assert_eq!(seen, 3);
        assert_eq!(css().matches(r#") format("woff2");"#).count(), 3);
        assert!(css().matches('"').count().is_multiple_of(2), "a quotation mark never closes");
    }

    #[test]
    fn printing_never_writes_out_the_address_of_a_link() {
        for (at, _) in css().match_indices("attr(href)") {
            let rule = css()[..at].rfind('}').map_or(0, |end| end + 1);
            assert!(css()[rule..at].contains(".govuk-link"), "{}", &css()[rule..at]);
        }
        assert!(css().contains(".govuk-link::after{content:none !important}"));
    }

    #[test]
    fn the_first_page_stays_within_its_budget() {
        let style = Asset::find(STYLE).unwrap();
        assert!(style.br.unwrap().len() <= 16 * 1024, "{}", style.br.unwrap().len());
        let fonts = [BODY_FONT, HEAD_FONT].map(|font| Asset::find(font).unwrap().bytes.len());
        assert!(fonts.iter().sum::<usize>() <= 38 * 1024);
    }

    #[test]
    fn compressed_copies_are_smaller_and_addresses_differ() {
        for asset in Asset::all() {
            for copy in [asset.br, asset.gz].into_iter().flatten() {
                assert!(copy.len() < asset.bytes.len(), "{}", asset.path);
            }
            assert_eq!(Asset::all().iter().filter(|other| other.path == asset.path).count(), 1);
        }
        assert!(Asset::find("/assets/app.css").is_none());
    }
}
