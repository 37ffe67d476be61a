#!/bin/sh
# Process 1 of the user-mode Linux that scripts/ci/test-sctp.js starts on the machine's own root folder: what a kernel with SCTP needs,
# then the ring. $SCTP_RUN is a folder on that root with the environment and the command; the exit status goes there as well.
SCTP_RUN=$(sed -n 's/.*sctp_run=\([^ ]*\).*/\1/p' /proc/cmdline 2>/dev/null)
mount -t proc proc /proc
[ -n "$SCTP_RUN" ] || SCTP_RUN=$(sed -n 's/.*sctp_run=\([^ ]*\).*/\1/p' /proc/cmdline)
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
mount -t devpts devpts /dev/pts 2>/dev/null
. "$SCTP_RUN/environment"

# modprobe looks below lib/modules of a folder; Debian keeps these modules elsewhere.
mkdir -p /run/modules/lib/modules
ln -s "/usr/lib/uml/modules/$(uname -r)" "/run/modules/lib/modules/$(uname -r)"
# Without the digests bind or listen fails with ENOSYS.
for module in hmac md5 sha1_generic crc32c_generic sctp udp_tunnel veth sch_netem; do
  modprobe -d /run/modules "$module" || echo "module $module is missing"
done
ip link set lo up
# PostgreSQL runs as another user, which the root folder of the machine does not let write: temporary files go to memory.
chmod 755 /run
mkdir -m 1777 /run/tmp
export TMPDIR=/run/tmp

sh "$SCTP_RUN/command"
echo $? > "$SCTP_RUN/status"
sync
echo o > /proc/sysrq-trigger
sleep 5
