#!/bin/sh
# The list of components: what runs beside our own code, and under which licence. docker/components.md is its output.
#   docker/components.sh              the list, from packages.txt and licences.txt
#   docker/components.sh versions     the same with the versions that are installed here (in the image:
#                                     /usr/share/doc/baochang/components.md)
# A package without a licence in the list is an error.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
what=${1:-list}
row() { # group package
    entry=$(sed -n "s/^$2 | //p" "$here/licences.txt")
    [ -n "$entry" ] || { echo "$2 is not in licences.txt" >&2; exit 1; }
    if [ "$what" = versions ]; then
        # shellcheck disable=SC2016  # a format of dpkg's own
        version=$(dpkg-query -W -f '${Version}' "$2" 2>/dev/null || true)
        printf '| %s | %s | %s | %s |\n' "$2" "${version:-not installed}" "${entry%% | *}" "${entry#* | }"
    else
        printf '| %s | %s | %s | %s |\n' "$2" "$1" "${entry%% | *}" "${entry#* | }"
    fi
}
echo "# Components"
echo
echo "What runs beside baochang's own code (Apache-2.0). Made by \`docker/components.sh\`; packages are those of Debian 12, kept"
echo "up to date by its security updates. \`docker/components.sh versions\` prints the versions of a machine."
echo
if [ "$what" = versions ]; then
    echo "| package | version | licence | use |"
else
    echo "| package | group | licence | use |"
fi
echo "|---|---|---|---|"
sed -nE 's/^(run|db) +([^ ]+)$/\1 \2/p' "$here/packages.txt" | while read -r group package; do row "$group" "$package"; done
row npm maplibre-gl
