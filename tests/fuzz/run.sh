#!/bin/sh
# Replays the corpora in the tree, or fuzzes for a number of seconds a target.
#   run.sh replay|SECONDS OUT TARGET…
set -eu
mode=$1 out=$2
shift 2
here=$(dirname "$0")
n=0
for target in "$@"; do
    corpus=$here/corpus/$target
    program=$out/tests/fuzz/${target}_fuzz
    if [ "$mode" = replay ]; then
        files=$(find "$corpus" -type f 2>/dev/null | wc -l)
        [ "$files" -gt 0 ] || { echo "fuzz target $target has no corpus" >&2; exit 1; }
        find "$corpus" -type f -print0 | xargs -0 "$program" -rss_limit_mb=2048 >"$out/$target.log" 2>&1 ||
            { tail -40 "$out/$target.log" >&2; echo "FAILED: $target" >&2; exit 1; }
        n=$((n + files))
    else
        mkdir -p "$out/corpus/$target"
        "$program" -max_total_time="$mode" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
            "$out/corpus/$target" "$corpus" >"$out/$target.log" 2>&1 ||
            { tail -40 "$out/$target.log" >&2; echo "FAILED: $target" >&2; exit 1; }
        echo "$target: $(grep -E 'number_of_executed_units' "$out/$target.log" | awk '{print $2}') executions"
    fi
done
[ "$mode" != replay ] || echo "fuzz: $n passed, 0 failed"
