# shellcheck shell=bash
# Sourced: how patches/series and the heads of its entries are read.
#
# A line of the series is a commit, made of one file or more: patches (*.patch) and semantic
# patches (*.cocci). The head of the first is the commit's message. In the head of a file,
#	New-files: PATH...	names whole files of this repository that the commit adds, or directories of such,
#	Files: PATH...		those of the kernel that the semantic patch is for.

patches=$top/patches

# Lines of the series: the files of a commit
series() {
	sed 's/#.*//' "$patches/series" | awk 'NF'
}

# head_of FILE: all before the diff, or the comment that the semantic patch begins with
head_of() {
	case $1 in
	*.cocci) sed -n '/^\/\//!q; s/^\/\/ \{0,1\}//p' "$patches/$1" ;;
	*) sed '/^---$/,$d; /^diff --git /,$d' "$patches/$1" ;;
	esac
}

# tag_of FILE TAG: what stands behind TAG: in the head of FILE
tag_of() {
	head_of "$1" | sed -n "s/^$2: *//p" | tr -s ' \t' '\n'
}

# The commit's message: the head without its tags
message_of() {
	head_of "$1" | sed -E '/^(New-files|Files): /d' | git stripspace
	echo
}

# new_files_of FILE: what its head names as new, a directory as the files in it
new_files_of() {
	local path
	tag_of "$1" New-files | while read -r path; do
		if [ -d "$top/$path" ]; then
			find "$top/$path" -type f -printf "$path/%P\n" | sort
		else
			echo "$path"
		fi
	done
}

# Every file that this repository adds to the kernel
new_files() {
	local file
	series | tr -s ' \t' '\n' | while read -r file; do
		new_files_of "$file"
	done
}

# c_files FILTER: C files that the series adds (A), changes (M), or both
c_files() {
	git -C "$linux" diff --name-only --diff-filter="$1" base series -- '*.c' '*.h'
}

# The mails of scripts/publish/series that have a patch
mails() {
	find "$build/series" -name '*.patch' ! -name '0000-*' | sort
}
