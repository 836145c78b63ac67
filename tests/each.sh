#!/bin/sh
# Runs test programs, as many at a time as there are processors (or JOBS), shows the output of those that fail, and
# counts.   each.sh NAME PROGRAM…
set -u
name=$1
shift
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
printf '%s\n' "$@" | LOGS=$logs xargs -P "${JOBS:-$(nproc)}" -I{} sh -c '
    log=$LOGS/$(basename "{}")
    "{}" >"$log" 2>&1 && : >"$log.passed"'
passed=0 failed=0
for program in "$@"; do
    log=$logs/$(basename "$program")
    if [ -e "$log.passed" ]; then
        n=$(sed -n 's/.*\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$log" | awk '{s += $1} END {print s + 0}')
        [ "$n" -gt 0 ] || grep -q SKIPPED "$log" || { echo "$program ran no test"; failed=$((failed + 1)); }
        passed=$((passed + n))
        grep -hE '^seed |SKIP' "$log" | sed "s|^|  $(basename "$program"): |"
    else
        cat "$log"
        echo "FAILED: $program"
        failed=$((failed + 1))
    fi
done
echo "$name: $passed passed, $failed failed"
[ $failed = 0 ]
