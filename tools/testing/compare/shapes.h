/* SPDX-License-Identifier: GPL-2.0-only */
/* Fabrics of a shape and of any size */
#ifndef __SHAPES_H
#define __SHAPES_H

struct igt_fabric;
struct kunit;
struct text;

/* Writes the lines of one host bridge, of at most as many functions as are left */
typedef void shape_writer(struct text *text);

shape_writer isolated_functions;
shape_writer functions_below_switches;
shape_writer functions_of_one_group;
shape_writer functions_of_one_slot;

/* Until the test's end, or igt_remove_fabric() */
struct igt_fabric *shaped_fabric(struct kunit *test, shape_writer *write, int size);

#endif /* __SHAPES_H */
