#!/bin/sh
# Builds an MME of Open5GS, and the UE of ue.c on that project's test library, into FOLDER/build (/tmp/open5gs/build).
# Debian packages: build-essential git meson ninja-build cmake flex bison libtalloc-dev libsctp-dev libgnutls28-dev libgcrypt20-dev
# libssl-dev libidn-dev libyaml-dev libmongoc-dev libbson-dev libmicrohttpd-dev libcurl4-gnutls-dev libnghttp2-dev
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-/tmp/open5gs}
release=v2.7.7
source=$folder/src

mkdir -p "$folder"
[ -d "$source" ] || git clone --depth 1 --branch "$release" "${OPEN5GS_REPOSITORY:-https://github.com/open5gs/open5gs.git}" "$source"
mkdir -p "$source/tests/hss"
cp "$here/ue.c" "$here/meson.build" "$source/tests/hss/"

# Of Open5GS only what an MME needs; of its tests only the library.
sed -i -E "/^subdir\('(hss|sgwc|sgwu|pcrf|nrf|scp|sepp|udr|udm|pcf|nssf|bsf|ausf|upf|smf|amf)'\)/d" "$source/src/meson.build"
sed -i -E "/^subdir\('/{/'(core|af|common|hss)'/!d}" "$source/tests/meson.build"
grep -q "^subdir('hss')" "$source/tests/meson.build" || echo "subdir('hss')" >> "$source/tests/meson.build"

[ -d "$folder/build" ] || meson setup "$folder/build" "$source" --buildtype plain -Dc_args='-O0 -g0'
nice ninja -C "$folder/build"
