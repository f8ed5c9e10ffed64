#!/bin/sh
# Put Annotriage where the desktop finds it: for you alone (~/.local), or with a folder named, there (/usr/local for all).
#
#   ./install.sh [PREFIX]
#   ./install.sh --remove [PREFIX]
#
# Removing leaves your sessions, models and settings (~/.local/share/annotriage) where they are.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
remove=no
[ "${1:-}" = --remove ] && { remove=yes; shift; }
prefix=${1:-$HOME/.local}
program=$prefix/lib/annotriage-program

refresh() {
    update-desktop-database -q "$prefix/share/applications" 2>/dev/null || true
    update-mime-database "$prefix/share/mime" 2>/dev/null || true
    gtk-update-icon-cache -q -t -f "$prefix/share/icons/hicolor" 2>/dev/null || true
}

files=$(cd "$here/share" && find . -type f)
if [ "$remove" = yes ]; then
    rm -rf "$program"
    rm -f "$prefix/bin/annotriage"
    echo "$files" | while read -r file; do rm -f "$prefix/share/$file"; done
    refresh
    echo "Annotriage was removed from $prefix. Your sessions and models are kept."
    exit 0
fi
mkdir -p "$prefix/lib" "$prefix/bin" "$prefix/share"
rm -rf "$program.new"
cp -a "$here/annotriage" "$program.new"
rm -rf "$program"
mv "$program.new" "$program"
ln -sf "$program/annotriage" "$prefix/bin/annotriage"
cp -r "$here/share/." "$prefix/share/"
# A menu may know nothing of ~/.local/bin.
sed -i "s|^Exec=annotriage|Exec=\"$prefix/bin/annotriage\"|; s|^TryExec=.*|TryExec=$prefix/bin/annotriage|" \
    "$prefix/share/applications/annotriage.desktop"
refresh
echo "Annotriage is installed: $prefix/bin/annotriage"
