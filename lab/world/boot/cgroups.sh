# shellcheck shell=sh
# The cgroups that the machine offers to a process; sourced by host.sh and by the check of the machine.

# hierarchies: this process's group in every hierarchy that is mounted; the rest cannot be joined.
hierarchies() {
  while IFS=: read -r _ controllers path; do
    mount=/sys/fs/cgroup/${controllers#name=}
    if [ -z "$controllers" ] && [ -e /sys/fs/cgroup/unified/cgroup.procs ]; then
      mount=/sys/fs/cgroup/unified
    fi
    [ -e "$mount/cgroup.procs" ] || continue
    printf '%s\n' "${mount%/}${path%/}"
  done </proc/self/cgroup
}

# enter CGROUP: makes it and moves this process into it.
enter() {
  mkdir -p "$1"
  for setting in cpuset.cpus cpuset.mems; do
    # A version 1 cpuset takes no process before it has a processor and memory.
    if [ -e "$1/cgroup.clone_children" ] && [ -e "$1/$setting" ]; then
      cat "$1/../$setting" >"$1/$setting"
    fi
  done
  echo $$ >"$1/cgroup.procs"
}
