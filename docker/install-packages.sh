#!/bin/sh
# Installs the Debian packages of the given groups from packages.txt, beside this script; what is there already is
# left alone, so that a second run needs neither the network nor root.
#   docker/install-packages.sh build run db test bench
# As root it installs directly, otherwise through sudo. PostgreSQL's package would start a system cluster of its own;
# that is switched off for the time of the installation (a cluster that exists already is not touched).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || { echo "usage: $0 GROUP…" >&2; exit 2; }

missing=""
for group in "$@"; do
    for package in $(sed -n "s/^$group[[:space:]]\{1,\}//p" "$here/packages.txt"); do
        case $package in
        nodejs) command -v node >/dev/null 2>&1 && continue ;; # another source's Node.js will do
        npm) command -v npm >/dev/null 2>&1 && continue ;;
        esac
        case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) in
        installed) ;;
        *) missing="$missing $package" ;;
        esac
    done
done
[ -n "$missing" ] || exit 0

echo "安装软件包 installing packages:$missing" >&2
root=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || { echo "run as root, or install sudo: apt-get install$missing" >&2; exit 1; }
    root="sudo"
fi
guard=/etc/postgresql-common/createcluster.d/baochang-install.conf
case $missing in
*postgresql-15*)
    $root mkdir -p "$(dirname "$guard")"
    echo "create_main_cluster = false" | $root tee "$guard" >/dev/null
    trap '$root rm -f "$guard"' EXIT
    ;;
esac
$root apt-get -q update >&2 || echo "package lists could not be refreshed, going on with those at hand" >&2
# shellcheck disable=SC2086  # a list of names
$root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing >&2
