#!/bin/sh
# Brings the Sass of govuk-frontend to vendor/govuk-frontend/govuk, so that the grass crate can
# compile it. Run in this directory, by hand, when the version changes.
#
# The two edits are for grass 0.13.4, which stops with "Module loop" otherwise. Fonts, crown,
# favicons and scripts are not ours to use and are left out.
set -eu
version=6.6.0
here=$(pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm pack --silent "govuk-frontend@$version" >/dev/null
tar xzf "govuk-frontend-$version.tgz"
rm -rf "$here/govuk"
cp -r package/dist/govuk "$here/govuk"
cd "$here/govuk"
find . -type f ! -name '*.scss' -delete
find . -name '*.import.scss' -delete
find . -name '*.mixin.scss' | while read -r file; do
    mv "$file" "${file%.mixin.scss}-mixin.scss"
done
grep -rl '\.mixin"' . | xargs sed -i 's/\.mixin"/-mixin"/g'
find . -type d -empty -delete
