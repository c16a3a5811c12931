//! Control groups made by runc itself, or by a systemd of the machine's own.

/// Who makes the control groups of containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CgroupDriver {
    /// runc itself.
    Files,
    /// A systemd of the machine's own, on control groups of version 2.
    Systemd,
}

/// Shell text that runs the rest of a command under a systemd that is the first process of a new process
/// namespace. The control group that it finds as the root is `CGROUP` on this machine; what is simulated of
/// `/proc` is laid over the new one. What a systemd does at its start is kept from it: to set what it likes in
/// `/proc/sys`, which is this machine's, and to mount an empty `/run` where there is only a directory.
pub(crate) const UNDER_SYSTEMD: &str = r#"
group=/sys/fs/cgroup
[ ! -d $group/unified ] || group=$group/unified
mkdir "$group/$CGROUP"
echo $$ >"$group/$CGROUP/cgroup.procs"
LOG=$(readlink /proc/self/fd/2)
SAVED=$(mktemp -d -p /run)
for name in driver devices misc; do
  if [ -d /proc/$name ]; then mkdir $SAVED/$name; else : >$SAVED/$name; fi
  mount --rbind /proc/$name $SAVED/$name
done
export LOG SAVED
exec unshare --pid --fork --kill-child --mount --cgroup --ipc --uts --propagation shared /bin/sh -e -c '
mount -t proc proc /proc
for name in driver devices misc; do mount --rbind $SAVED/$name /proc/$name; done
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount --rbind /run /run
{ export -p; printf exec; for word; do printf " %s" "$word"; done; echo; } >/run/start-engine
units=/etc/systemd/system
mkdir -p $units
printf "[Unit]
DefaultDependencies=no
Wants=engine.service
" >$units/engine.target
printf "[Unit]
DefaultDependencies=no
[Service]
Slice=system.slice
Delegate=yes
ExecStart=/bin/sh /run/start-engine
StandardOutput=append:%s
StandardError=append:%s
" "$LOG" "$LOG" >$units/engine.service
exec env -i container=other /lib/systemd/systemd --unit=engine.target --log-target=console --log-level=warning
' sh "$@"
"#;
