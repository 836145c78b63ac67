#!/bin/sh
# Writes a C table that puts the numbered migrations of this folder into the program.   embed.sh OUT_FILE SOURCE_DIR
set -eu
out=$1 source=$2
{
    printf '/* Made by data/migrations/embed.sh. */\n#include "data/pg/migrate.h"\n\nconst struct migration migrations[] = {\n'
    n=0
    for file in "$source"/[0-9][0-9][0-9][0-9]_*.sql; do
        n=$((n + 1))
        name=$(basename "$file" .sql)
        [ "${name%%_*}" = "$(printf '%04d' $n)" ] || { echo "embed.sh: $name: number $n is missing or twice there" >&2; exit 1; }
        printf '    {%d, "%s",\n' $n "${name#*_}"
        # question marks are escaped because of trigraphs
        sed 's/\\/\\\\/g; s/"/\\"/g; s/?/\\?/g; s/.*/     "&\\n"/' "$file"
        printf '    },\n'
    done
    printf '};\nconst unsigned migration_count = %d;\n' $n
} >"$out.new"
mv "$out.new" "$out"
