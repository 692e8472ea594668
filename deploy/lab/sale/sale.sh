# Orders for the lab's machine, where systemd is the first process: installs the gateway as
# docs/hardware.md says, and runs the sale against it.
set -e
mkdir -p /opt/saunter /etc/saunter /var/cache/saunter
mount --bind /source /opt/saunter
mount --bind /deno /var/cache/saunter
chown saunter:saunter /var/cache/saunter
umask 077
head -c 32 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' >/etc/saunter/admin.key
chgrp saunter /etc/saunter /etc/saunter/admin.key
chmod 750 /etc/saunter
chmod 640 /etc/saunter/admin.key
umask 022
systemctl start dbus bluetooth
# Who decides at the lane, as docs/hands-free.md says; the PIN is known to the test as well.
install -d -o saunter -g saunter -m 700 /var/lib/saunter
echo "$PIN" | setpriv --reuid=saunter --regid=saunter --init-groups env HOME=/var/lib/saunter \
  DENO_DIR=/var/cache/saunter deno task --quiet operator add olga --data /var/lib/saunter
# The first start enrols the gateway; the unit is the one that is shipped.
mkdir -p /run/systemd/system/saunter.service.d
command=$(sed -n 's/^ExecStart=//p' /etc/systemd/system/saunter.service)
cat >/run/systemd/system/saunter.service.d/enrol.conf <<UNIT
[Service]
ExecStart=
ExecStart=$command --admin-key-file /etc/saunter/admin.key
UNIT
# The same unit with another program in it, to see what its sandbox lets a library do.
probe="/usr/local/bin/deno run --quiet --no-check --cached-only --allow-all $PROBE"
sed -e "s|^ExecStart=.*|ExecStart=$probe|" \
  -e 's|^Restart=.*|Restart=no|' -e 's|^\[Service\]|[Service]\nType=oneshot|' \
  /etc/systemd/system/saunter.service >/run/systemd/system/saunter-probe.service
systemctl daemon-reload
systemd-analyze verify /etc/systemd/system/saunter.service
cp /host/film.yuyv /tmp/film.yuyv
journalctl --follow --output cat --unit saunter --unit saunter-probe &
# The same packages as the service, by the same paths.
export DENO_DIR=/var/cache/saunter
deno test --no-check --cached-only --no-prompt --allow-ffi --allow-read --allow-write --allow-env \
  --allow-net=127.0.0.1 --allow-run deploy/lab/sale/sale_lab_test.ts || {
  journalctl --no-pager --lines 20 --unit bluetooth
  exit 1
}
