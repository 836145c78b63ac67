#!/bin/sh
# The rules of the house that a machine can see. Prints every breach, ends with 1 if there is one.
set -u
cd "$(dirname "$0")/.."
marks=$(mktemp)
trap 'rm -f "$marks"' EXIT
breach() { # title; lines on standard input
    lines=$(cat)
    [ -z "$lines" ] && return
    echo x >>"$marks"
    printf '%s\n' "$1"
    printf '%s\n' "$lines" | sed 's/^/    /'
}
sources=$(git ls-files -co --exclude-standard '*.c' '*.h')
of() { printf '%s\n' "$sources" | grep -E "^$1/" || true; }

{
    grep -nE '#include *"(routing|data|api)/' $(of geo) /dev/null
    grep -nE '#include *"(data|api)/' $(of routing) /dev/null
    grep -nE '#include *"api/' $(of data) /dev/null
} | breach "includes against the direction geo <- routing <- data <- api:"
# the rooms of the engine, in the order of routing/README.md
later='network rules constraint search plan explain match planner'
for room in hierarchy $later; do
    later=${later#"$room"}
    later=${later# }
    [ -z "$later" ] && break
    grep -nE "#include *\"routing/($(echo "$later" | tr ' ' '|'))/" $(of "routing/$room") /dev/null
done | breach "includes of a later room of routing/:"
{
    grep -nE '#include *[<"](libpq|event2|jansson|postgres)' $(of geo) $(of routing) /dev/null
    grep -nE '#include *[<"](geos_c|proj)' $(of routing) /dev/null
    grep -nE '#include *[<"](event2/http|jansson)' $(of data) /dev/null
} | breach "libraries in a room that may not use them:"
grep -nE '(SELECT|INSERT INTO|UPDATE|DELETE FROM) [a-z_.(]+ ' $(of api) /dev/null | grep -vE '^\S+:[0-9]+: *(/?\*|//)' |
    breach "SQL text in api/:"
grep -nE '\b(strcpy|sprintf|vsprintf|strcat|gets|atoi|atol|strtok|rand|srand)\(' $sources /dev/null |
    breach "unsafe or silent C calls:"
grep -nE '\bexit\(' $(of geo) $(of routing) $(of data) $(of api) /dev/null | grep -v '^api/main\.c:' |
    breach "exit() outside main.c:"
for file in $(of geo) $(of routing) $(of data) $(of api); do
    case $file in
    */main.c) ;;
    *.c) [ -f "${file%.c}.h" ] || echo "$file" ;;
    esac
done | breach "sources without a header of the same name:"
git ls-files -co --exclude-standard '*.c' '*.h' '*.js' '*.mjs' '*.py' '*.sql' '*.sh' | xargs wc -l |
    awk '$1 > 1000 && $2 != "total" {print $2": "$1" lines"}' | breach "files past 1,000 lines:"
# two branches that each add the next number meet here, before the build or a database does
n=0
for name in $(git ls-files -co --exclude-standard 'data/migrations/*.sql' | xargs -n1 basename | LC_ALL=C sort); do
    n=$((n + 1))
    number=$(printf '%04d' $n)
    case $name in
    "${number}"_*) ;;
    [0-9][0-9][0-9][0-9]_*) echo "$name: $number is missing, or its number is there twice"; n=$(expr "${name%%_*}" + 0) ;;
    *) echo "$name: no number of four digits" ;;
    esac
done | breach "migrations that are not numbered one after the other:"
git ls-files -co --exclude-standard | cut -d/ -f1 | sort -u |
    grep -vxE 'routing|geo|api|data|tests|docker|Makefile|README\.md|README\.zh\.md|CHANGELOG\.md|LICENSE|VERSION|\..*' |
    breach "top-level names that the layout does not have:"
for file in $(printf '%s\n' "$sources" | grep -E '^(geo|routing|data|api)/.*\.h$'); do
    printf '#include "%s"\n' "$file" | ${CC:-gcc} -std=c17 -D_GNU_SOURCE -I. -fsyntax-only -Wall -x c - 2>&1 | head -3
done | breach "headers that do not stand alone:"
[ -s "$marks" ] && exit 1
echo "lint: nothing out of place"
