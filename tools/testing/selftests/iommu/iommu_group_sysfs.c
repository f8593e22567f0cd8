// SPDX-License-Identifier: GPL-2.0-only
/* What user space must not be able to write to the files of a group */

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "iommu_group_sys.h"

#define FILES	SYS_GROUPS "/*/*"

static bool is_file(const char *path, mode_t mode)
{
	struct stat stat;

	return !lstat(path, &stat) && S_ISREG(stat.st_mode) &&
	       (stat.st_mode & 0777) == mode;
}

FIXTURE(files)
{
	glob_t paths;
};

FIXTURE_SETUP(files)
{
	if (glob(FILES, 0, NULL, &self->paths))
		SKIP(return, "there are no groups");
}

FIXTURE_TEARDOWN(files)
{
	globfree(&self->paths);
}

FIXTURE_VARIANT(files)
{
	const char *text;
	size_t size;
};

/* A page is as much as a file of sysfs gets at once */
static const char page_of_letters[4096] = { [0 ... 4095] = 'A' };

FIXTURE_VARIANT_ADD(files, unknown_word) { .text = "bogus", .size = 5 };
FIXTURE_VARIANT_ADD(files, end_of_line) { .text = "\n", .size = 1 };
FIXTURE_VARIANT_ADD(files, blanks) { .text = "  \t ", .size = 4 };
FIXTURE_VARIANT_ADD(files, word_with_more) { .text = "identity DMA", .size = 12 };
FIXTURE_VARIANT_ADD(files, other_case) { .text = "IDENTITY\n", .size = 9 };
FIXTURE_VARIANT_ADD(files, format) { .text = "%s%s%s%n", .size = 8 };
FIXTURE_VARIANT_ADD(files, zeros) { .text = "\0\0\0\0", .size = 4 };
FIXTURE_VARIANT_ADD(files, binary) { .text = "\xff\xfe\x80\x01", .size = 4 };
FIXTURE_VARIANT_ADD(files, whole_page) {
	.text = page_of_letters,
	.size = sizeof(page_of_letters),
};

TEST_F(files, malformed_input_changes_nothing)
{
	char before[4096], after[4096];
	ssize_t len;
	size_t i;
	int files = 0;

	for (i = 0; i < self->paths.gl_pathc; i++) {
		const char *path = self->paths.gl_pathv[i];

		if (!is_file(path, 0644))
			continue;
		files++;
		len = sys_read_bytes(before, sizeof(before), "%s", path);
		ASSERT_LE(0, len);
		EXPECT_EQ(-EINVAL, sys_write_bytes(variant->text, variant->size,
						   "%s", path)) {
			TH_LOG("%s", path);
		}
		ASSERT_EQ(len, sys_read_bytes(after, sizeof(after), "%s", path));
		EXPECT_EQ(0, memcmp(before, after, len));
	}
	/* type, at least */
	EXPECT_LT(0, files);
}

TEST(all_other_files_are_to_be_read_alone)
{
	glob_t paths;
	size_t i;

	if (glob(FILES, 0, NULL, &paths))
		SKIP(return, "there are no groups");
	for (i = 0; i < paths.gl_pathc; i++) {
		const char *path = paths.gl_pathv[i];

		if (!strcmp(strrchr(path, '/'), "/devices"))
			continue;
		EXPECT_TRUE(is_file(path, 0444) ||
			    (is_file(path, 0644) &&
			     !strcmp(strrchr(path, '/'), "/type"))) {
			TH_LOG("%s", path);
		}
	}
	globfree(&paths);
}

TEST_HARNESS_MAIN
