#!/bin/sh
# Writes the lab's configuration, ready to run, into a folder: every @NAME@ replaced by its value from lab.env, or from the
# environment where a variable of that name is set.
#   docker/lab/render.sh /tmp/lab
#   HSS_PORT=13868 docker/lab/render.sh /tmp/lab
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 1 ] || { echo "usage: $0 <folder to write to>" >&2; exit 64; }
mkdir -p "$1"
out=$(cd "$1" && pwd)

script=$(mktemp)
trap 'rm -f "$script"' EXIT
for name in $(sed -n 's/^\([A-Z_]*\)=.*/\1/p' "$here/lab.env"); do
  value=$(sed -n "s/^$name=//p" "$here/lab.env")
  eval "value=\${$name-\$value}"
  printf 's|@%s@|%s|g\n' "$name" "$value" >> "$script"
done
printf 's|@LAB@|%s|g\n' "$out" >> "$script"

for file in $(cd "$here" && find hosts pcscf icscf scscf -type f); do
  mkdir -p "$out/$(dirname "$file")"
  sed -f "$script" "$here/$file" > "$out/$file"
  if grep -n '@[A-Z_]*@' "$out/$file" >&2; then
    echo "$file: a value is missing in lab.env" >&2
    exit 1
  fi
done
