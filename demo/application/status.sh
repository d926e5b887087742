#!/bin/sh
# Tells whether the web application runs, as an init script does (LSB 5.0, section 20.2): 0 running, 3 not running.
#
#   sh status.sh PIDFILE CONFIGFILE
#
# It is asked twice in a second for each server: to start Node.js for it took more than everything else of a pair.
pid=$(cat "$1" 2>/dev/null) || exit 3
case $pid in '' | *[!0-9]*) exit 3 ;; esac

# A killed process whose parent has not looked yet is still listed; an id is used again, so the command line must be ours.
if [ -r /proc/self/stat ]; then
  # "pid (name) state …": the name may hold anything, so the state is what follows the last bracket.
  state=$(cat "/proc/$pid/stat" 2>/dev/null) || exit 3
  state=${state##*) }
  command=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/cmdline") || exit 3
else
  state=$(ps -o state= -p "$pid") || exit 3
  command=$(ps -o command= -p "$pid") || exit 3
fi
case $state in [ZX]*) exit 3 ;; esac
case $command in *"$2"*) exit 0 ;; esac
exit 3
