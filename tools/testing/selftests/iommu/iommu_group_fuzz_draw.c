// SPDX-License-Identifier: GPL-2.0-only
/* What the fuzzer's operations draw, see iommu_group_fuzz.h */

#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#include "iommu_group_fuzz.h"
#include "iommu_group_sys.h"

#define PAGE	4096ULL

static uint64_t state;
static unsigned int this_round, this_op;

static struct {
	char *text;
	size_t size;
	bool log;
} note;

static char *buffer;

bool fuzz_make_buffer(void)
{
	buffer = mmap(NULL, FUZZ_BUFFER + PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return buffer != MAP_FAILED && !mprotect(buffer, FUZZ_BUFFER, PROT_READ | PROT_WRITE);
}

/* A linear congruential generator; the low bits are hardly random */
static uint32_t next(void)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return state >> 32;
}

void fuzz_seed(uint64_t seed, unsigned int round, unsigned int op)
{
	this_round = round;
	this_op = op;
	state = seed;
	next();
	state ^= round;
	next();
	state ^= op;
	next();
}

void fuzz_note_into(char *text, size_t size, bool log)
{
	note.text = text;
	note.size = size;
	note.log = log;
}

void fuzz_note(const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(note.text, note.size, format, args);
	va_end(args);
	if (!note.log)
		return;
	snprintf(line, sizeof(line), "fuzz: round %u, %u: %.400s\n",
		 this_round, this_op, note.text);
	sys_write(line, "/dev/kmsg");
}

unsigned int fuzz_draw(unsigned int n)
{
	return next() % n;
}

bool fuzz_one_in(unsigned int n)
{
	return !fuzz_draw(n);
}

uint64_t fuzz_draw_number(void)
{
	switch (fuzz_draw(5)) {
	case 0:
		return fuzz_draw(8);
	case 1:
		return fuzz_draw(64) * PAGE;
	case 2:
		return 1ULL << fuzz_draw(64);
	case 3:
		return -(uint64_t)fuzz_draw(8);
	default:
		return (uint64_t)next() << 32 | next();
	}
}

const char *fuzz_draw_word(const char *const *words, size_t n)
{
	return words[fuzz_draw(n)];
}

void fuzz_draw_bytes(void *bytes, size_t size)
{
	uint8_t *byte = bytes;

	while (size--)
		*byte++ = next();
}

uint64_t fuzz_draw_memory(void)
{
	if (fuzz_one_in(16))
		return fuzz_draw_number();
	return (uintptr_t)buffer + fuzz_draw(FUZZ_BUFFER / PAGE) * PAGE;
}

/* Few enough that what is mapped is met again */
uint64_t fuzz_draw_iova(void)
{
	return fuzz_one_in(16) ? fuzz_draw_number() : 0x100000 + fuzz_draw(6) * PAGE;
}

uint64_t fuzz_draw_length(void)
{
	return fuzz_one_in(16) ? fuzz_draw_number() : (1 + fuzz_draw(2)) * PAGE;
}
