# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# What tools/build, tools/run and tools/test share. Sourced, never run.
set -euo pipefail

started_in=$PWD
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$repo"

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { # die EXIT_CODE SENTENCE…
    local code=$1
    shift
    say "$@"
    exit "$code"
}

# usage_of FILE: the comment block that heads a script is its --help.
usage_of() { sed -n -E '/^# shellcheck/d; /^# ?Usage:/,/^[^#]|^$/ s/^# ?//p' "$1"; }

# ---- packages --------------------------------------------------------------------------------------

# make: without it, gcc's link-time optimisation uses one processor, and warns.
build_packages=(
    cmake ninja-build make gcc libc6-dev pkg-config patch xz-utils bzip2 git ca-certificates
    libpq-dev libargon2-dev libutf8proc-dev zlib1g-dev libbrotli-dev libzstd-dev
    libprotobuf-c-dev protobuf-c-compiler
)
# A Node.js that is already there, from elsewhere perhaps, is as good.
web_packages() {
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
}
run_packages=(postgresql)
test_packages=(
    clang libclang-rt-dev libcmocka-dev libgnutls28-dev
    python3 python3-cryptography python3-pytest python3-psycopg2 python3-grpcio protobuf-compiler protobuf-compiler-grpc python3-protobuf python3-hpack curl nghttp2-client openssl procps groff-base
)
browser_packages=(chromium chromium-driver python3-selenium)

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# need PACKAGE…: installs those that are missing, and says which.
need() {
    local package missing=()
    if ! command -v dpkg-query >/dev/null; then
        say "this is no Debian system: make sure that the equivalents of these are installed: $*"
        return
    fi
    for package; do
        has_package "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        die 77 "these packages are missing and there is no sudo here; as root: apt-get install ${missing[*]}"
    fi
    say "installing ${missing[*]}"
    refresh_lists
    case " ${missing[*]} " in
    *' postgresql '*) apt_install postgresql-common && postgresql_without_cluster ;;
    esac
    apt_install "${missing[@]}"
}

has_package() {
    case " $(dpkg-query -W -f='${db:Status-Status} ' "$1" 2>/dev/null || true)" in
    *' installed '*) return 0 ;;
    esac
    # any server that recordd can drive will do, not only the one of the metapackage
    [ "$1" = postgresql ] && compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null
}

lists_fresh=
refresh_lists() {
    [ -z "$lists_fresh" ] || return 0
    quietly as_root apt-get -q update
    lists_fresh=1
}

apt_install() {
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        install --no-install-recommends "$@"
}

# Debian's server package starts a cluster of its own when it is first installed. recordd has a private one, so
# this is switched off for our installation alone: the setting is put back as it was, and clusters that exist
# are not touched.
postgresql_without_cluster() {
    # shellcheck disable=SC2016  # expanded by the inner shell
    quietly as_root env DEBIAN_FRONTEND=noninteractive bash -euc '
        conf=/etc/postgresql-common/createcluster.conf
        cp -p "$conf" "$conf.before-recordd"
        trap "mv -f $conf.before-recordd $conf" EXIT
        pg_conftool "$conf" set create_main_cluster off
        apt-get -q -y install --no-install-recommends postgresql'
}

# quietly COMMAND…: shows what it printed only if it fails.
quietly() {
    local log
    log=$(mktemp)
    if "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        return 0
    else
        local code=$?
        cat "$log" >&2
        rm -f "$log"
        say "failed ($code): $*"
        return "$code"
    fi
}

# ---- building --------------------------------------------------------------------------------------

# build PRESET [CMAKE OPTION…]: configures if that was never done, and builds; silent when nothing is to do.
build() {
    local preset=$1 dir=build/$1 silent=(--quiet)
    shift
    if [ ! -f "$dir/build.ninja" ]; then
        if [ -f build/vendor/stamp ]; then
            say "building recordd ($preset); this takes a minute"
        else
            say "building the libraries of vendor/ and recordd ($preset); this takes a minute or two"
        fi
        quietly cmake --preset "$preset" "$@"
        [ ! -t 1 ] || silent=() # ninja's progress
    else
        quietly cmake --build --preset "$preset" --target build.ninja # files may have come or gone
    fi
    cmake --build --preset "$preset" -- ${silent[@]+"${silent[@]}"}
}
