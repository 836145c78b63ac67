#!/bin/sh
# Writes a C table and an assembler file that put the console into the program: every file plain and, where that is
# smaller, gzipped.   embed.sh OUT_DIR SOURCE_DIR VENDOR_DIR
set -eu
out=$1 source=$2 vendor=$3
mkdir -p "$out/gz"
table=$out/console_files.c
bytes=$out/console_bytes.S
cat >"$table" <<EOF
/* Made by api/console/embed.sh. */
#include "api/assets.h"
EOF
echo '	.section .rodata' >"$bytes"
rows=""
n=0
add() { # path on the wire, file
    case $2 in
    *.html) type="text/html; charset=utf-8" ;;
    *.css) type="text/css; charset=utf-8" ;;
    *.js | *.mjs) type="text/javascript; charset=utf-8" ;;
    *.svg) type="image/svg+xml" ;;
    *.json) type="application/json" ;;
    *) echo "embed.sh: no media type for $1" >&2; exit 1 ;;
    esac
    gzip -9 -n -c "$2" >"$out/gz/$n.gz"
    digest=$(sha256sum <"$2" | cut -c1-16)
    for kind in plain gzip; do
        file=$2
        [ $kind = gzip ] && file=$out/gz/$n.gz
        {
            printf '\t.global console_%s_%s\n\t.global console_%s_%s_end\n\t.balign 16\n' $n $kind $n $kind
            printf 'console_%s_%s:\n\t.incbin "%s"\nconsole_%s_%s_end:\n\t.byte 0\n' $n $kind "$file" $n $kind
        } >>"$bytes"
        printf 'extern const unsigned char console_%s_%s[], console_%s_%s_end[];\n' $n $kind $n $kind >>"$table"
    done
    rows="$rows    {\"$1\", \"$type\", \"$digest\", console_${n}_plain, console_${n}_plain_end, console_${n}_gzip, console_${n}_gzip_end},\n"
    n=$((n + 1))
}
add / "$source/index.html"
add /console/console.css "$source/console.css"
add /console/ogc.css "$source/ogc.css"
add /console/icon.svg "$source/icon.svg"
for file in "$source"/js/*.js; do add "/console/js/$(basename "$file")" "$file"; done
for file in maplibre-gl.mjs maplibre-gl-worker.mjs maplibre-gl.css; do add "/console/vendor/$file" "$vendor/$file"; done
{
    printf '\nconst struct asset console_assets[] = {\n'
    printf "$rows"
    printf '};\nconst size_t console_asset_count = %s;\n' $n
} >>"$table"
printf '\t.section .note.GNU-stack,"",@progbits\n' >>"$bytes"
