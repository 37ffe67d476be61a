#!/bin/sh
# Installs the Debian packages that `npm run test:ims`, `npm run test:epc` and `npm run test:sctp` need. Does nothing when all are there. Needs root.
set -eu

packages='kamailio kamailio-ims-modules kamailio-presence-modules sip-tester tshark util-linux'
# The MMEs and SGSNs.
packages="$packages erlang-base erlang-diameter"
# A kernel with SCTP as a program, the peer, and what builds the shim for processors with AMX (test/sctp/uml).
packages="$packages user-mode-linux kmod iproute2 freediameterd freediameter-extensions lksctp-tools openssl gcc libc6-dev"
# What makes a terminal for the tests of the log.
packages="$packages python3"

missing=''
for package in $packages; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
# The S-CSCF checks User-Data against a schema that is among the examples, which slim images leave out.
schema=/usr/share/doc/kamailio/examples/ims/scscf/CxDataType_Rel8.xsd
reinstall=''
if [ -z "$missing" ] && [ ! -e "$schema" ]; then
  missing=kamailio
  reinstall=--reinstall
fi
if [ -z "$missing" ]; then
  echo 'test packages: all installed'
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "missing:$missing" >&2
  echo "run: sudo $0" >&2
  exit 77
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Only root captures; no question about it.
echo 'wireshark-common wireshark-common/install-setuid boolean false' | debconf-set-selections

# The lab starts its own Kamailios; the package must not start one. 101: no service is started.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi
# shellcheck disable=SC2086 # one word per package
apt-get install -y -qq --no-install-recommends $reinstall \
  -o 'Dpkg::Options::=--path-include=/usr/share/doc/kamailio/examples/*' $missing
