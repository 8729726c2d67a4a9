#!/bin/bash
# fresh clone with an empty home; NAME [COMMIT]
n=$1; c=${2:-HEAD}
rm -rf /tmp/gate_$n /tmp/gatehome_$n; mkdir -p /tmp/gatehome_$n
git clone -q /work/main /tmp/gate_$n; cd /tmp/gate_$n; git checkout -q $c
export HOME=/tmp/gatehome_$n
echo "$(date -u) start $(git rev-parse --short HEAD)" > /tmp/gate_$n.log
cp /root/.npmrc $HOME/ 2>/dev/null; cp -r /root/.config $HOME/ 2>/dev/null
[ -d /root/.pyenv ] && true
( time make book ) > /tmp/gate_$n.book.log 2>&1; echo "book rc $?" >> /tmp/gate_$n.log
echo "$(date -u) load $(cut -d' ' -f1-3 /proc/loadavg)" >> /tmp/gate_$n.log
( time .ci/run ) > /tmp/gate_$n.ci.log 2>&1; echo "ci rc $?" >> /tmp/gate_$n.log
date -u >> /tmp/gate_$n.log
