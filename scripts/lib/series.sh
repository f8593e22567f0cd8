# shellcheck shell=bash disable=SC2154
# Sourced: how patches/series and the heads of its entries are read, and what a base makes of them.
#
# A line of the series is a commit, made of one file or more: patches (*.patch) and semantic
# patches (*.cocci). The head of the first is the commit's message. In the head of a file,
#	New-files: PATH...	names whole files of this repository that the commit adds, or directories of such,
#	Files: PATH...		those of the kernel that the semantic patch is for.
#
# patches/ is written for mainline. For another base, bases/BASE/ has
#	NAME.patch, NAME/*.patch
#				what that base changes on top of patches/NAME.patch; the head of each says why. With lines
#				"Replaces: PATH HUNK..." there it leaves hunks of patches/NAME.patch out that do not fit:
#				HUNK is a number among those of PATH
#	NAME.cocci		semantic patches that are run after those of patches/NAME.*
#	whole-files.cocci	what every whole C file of the kernel's is turned by
#	series			lines "+ FILE... after FILE", an entry that this base alone has, with files of that
#				directory; and "- FILE", an entry that it does without

patches=$top/patches

# Lines of the series as the base has it: the files of a commit
series() {
	local line file
	series_lines | while read -r -a line; do
		for file in "${line[@]}"; do
			file=${file%.patch}.cocci
			[ ! -f "$base_dir/$file" ] || grep -qF " $file " <<<" ${line[*]} " || line+=("$file")
		done
		echo "${line[*]}"
	done
}

series_lines() {
	local changes=$base_dir/series
	[ -f "$changes" ] || changes=/dev/null
	awk -v changes="$changes" '
		function fail(why) {
			print "error: " changes ": " why >"/dev/stderr"
			failed = 1
			exit 1
		}

		# An entry, and those that come after a file of it
		function entry(line, dropped,	files, i, n) {
			if (!dropped)
				print line
			n = split(line, files)
			for (i = 1; i <= n; i++) {
				known[files[i]] = 1
				if (files[i] in after)
					added(after[files[i]])
			}
		}

		function added(lines,	each, i, n) {
			n = split(lines, each, "\n")
			for (i = 1; i < n; i++)
				entry(each[i], 0)
		}

		{ sub(/#.*/, "") }
		!NF { next }
		FILENAME == changes && $1 == "+" && NF >= 4 && $(NF - 1) == "after" {
			anchor[$NF] = $NF
			line = $2
			for (i = 3; i < NF - 1; i++)
				line = line " " $i
			after[$NF] = after[$NF] line "\n"
			next
		}
		FILENAME == changes && $1 == "-" && NF == 2 {
			drop[$2] = anchor[$2] = $2
			next
		}
		FILENAME == changes { fail("what is \"" $0 "\"? It can be \"+ FILE... after FILE\" or \"- FILE\"") }
		{
			dropped = 0
			for (i = 1; i <= NF; i++)
				dropped = dropped || $i in drop
			$1 = $1
			entry($0, dropped)
		}
		END {
			if (failed)
				exit 1
			for (file in anchor)
				if (!(file in known))
					fail("patches/series has no " file)
		}' "$changes" "$patches/series"
}

# The files of the series
entries() {
	series | tr ' ' '\n'
}

# path_of FILE: where a file of the series is
path_of() {
	if [ -f "$patches/$1" ]; then
		echo "$patches/$1"
	else
		echo "$base_dir/$1"
	fi
}

# overlays_of FILE: what the base has beside a file of patches/, as paths below bases/BASE
overlays_of() {
	local path
	[ -f "$patches/$1" ] || return 0
	for path in "$base_dir/$1" "$base_dir/${1%.patch}"/*.patch; do
		[ ! -f "$path" ] || echo "${path#"$base_dir"/}"
	done
}

# entries_and_overlays: the files of the series, each followed by what the base has beside it
entries_and_overlays() {
	local file
	entries | while read -r file; do
		echo "$file"
		overlays_of "$file"
	done
}

# replaced_by PATH...: "FILE HUNK,..." for each file whose hunks these leave out
replaced_by() {
	local path
	for path; do
		tag_of "$path" Replaces
	done | awk '
		/^[0-9]+$/ { hunks[file] = hunks[file] "," $1; next }
		{ file = $1 }
		END { for (file in hunks) print file, substr(hunks[file], 2) }'
}

# head_of PATH: all before the diff, or the comment that the semantic patch begins with
head_of() {
	case $1 in
	*.cocci) sed -n '/^\/\//!q; s/^\/\/ \{0,1\}//p' "$1" ;;
	*) sed '/^---$/,$d; /^diff --git /,$d' "$1" ;;
	esac
}

# tag_of PATH TAG: what stands behind TAG: in the head
tag_of() {
	head_of "$1" | sed -n "s/^$2: *//p" | tr -s ' \t' '\n'
}

# message_of PATH: the commit's, the head without its tags
message_of() {
	head_of "$1" | sed -E '/^(New-files|Files|Replaces): /d' | git stripspace
	echo
}

# new_files_of PATH: what its head names as new, a directory as the files in it
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
	entries | while read -r file; do
		new_files_of "$(path_of "$file")"
	done
}

# c_files FILTER: C files that the series adds (A), changes (M), or both
c_files() {
	git -C "$linux" diff --name-only --diff-filter="$1" base series -- '*.c' '*.h'
}

# What their subjects begin with: without more it is mainline that they are for
subject_prefix() {
	if [ "$BASE" = mainline ]; then
		echo PATCH
	else
		echo "PATCH $BASE"
	fi
}

# The mails of scripts/publish/series that have a patch
mails() {
	find "$build/series" -name '*.patch' ! -name '0000-*' | sort
}
