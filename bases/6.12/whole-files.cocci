// Turns the C files that the series adds, which are written for mainline, back to the interfaces of
// Linux 6.12. What mainline has instead, by rule:
//
// alloc_obj, alloc_objs, alloc_flex	kmalloc_obj() and the like, which take a type and know its size
// namespace_kunit, namespace_iommufd	a string for the name of a namespace of symbols
// left_domain				attach_dev() is told the domain that the device leaves, and leaves it
//					there if it fails
// attach_call, attach_op, attach_function	the same, of all who call attach_dev() or are called by it
// bin_attribute, bin_attribute_object, bin_attribute_list
//					a struct bin_attribute is const, also to its functions
// param_generator			a generator of KUnit's parameters is told the test
// sockaddr				struct sockaddr_unsized for any address of a socket
// domain_alloc, domain_allocator, no_domain_alloc
//					functions for each kind of domain, where domain_alloc() made all
// remove_pasid, remove_pasid_op	a PASID is attached to blocked_domain; remove_dev_pasid() has gone
// fwnode_made, fwnode_freed		iommu_device_register_bus() makes the fwnode of a mock IOMMU
// configure_op, configure_function, configure_declared, configure_include
//					when a device is probed its bus is asked what firmware says of it

@alloc_obj@
expression E;
@@
(
- kzalloc_obj(*E)
+ kzalloc(sizeof(*E), GFP_KERNEL)
|
- kmalloc_obj(*E)
+ kmalloc(sizeof(*E), GFP_KERNEL)
)

@alloc_objs@
expression E, n;
@@
- kmalloc_objs(*E, n)
+ kmalloc_array(n, sizeof(*E), GFP_KERNEL)

@alloc_flex@
expression E, n;
identifier member;
@@
(
- kzalloc_flex(*E, member, n)
+ kzalloc(struct_size(E, member, n), GFP_KERNEL)
|
- kvzalloc_flex(*E, member, n)
+ kvzalloc(struct_size(E, member, n), GFP_KERNEL)
)

@namespace_kunit@
declarer name MODULE_IMPORT_NS;
@@
- MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");
+ MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);

@namespace_iommufd@
declarer name MODULE_IMPORT_NS;
@@
- MODULE_IMPORT_NS("IOMMUFD_INTERNAL");
+ MODULE_IMPORT_NS(IOMMUFD_INTERNAL);

@left_domain@
identifier c, to, d, old;
@@
  mock_attach(struct iommu_domain *to, struct device *d, struct iommu_domain *old)
  {
  ...
- if (old != c->domain)
- 	kunit_fail_current_test(...);
+ /* As some drivers do, leave the old domain before finding the new one unfit */
+ c->domain = NULL;
  ...
  }

@attach_call@
expression ops, to, d, old;
@@
  ops->attach_dev(to, d
- , old
  )

@attach_op@
identifier s, f;
@@
  struct iommu_domain_ops s = {
  	.attach_dev = f,
  };

@attach_function@
identifier attach_op.f, to, d, old;
@@
  f(struct iommu_domain *to, struct device *d
- , struct iommu_domain *old
  )
  { ... }

@bin_attribute@
identifier f, file, kobj, attr;
@@
  f(struct file *file, struct kobject *kobj,
- const struct bin_attribute *attr,
+ struct bin_attribute *attr,
  ...)
  { ... }

@bin_attribute_object@
identifier a;
@@
  static
- const
  struct bin_attribute a = { ... };

@bin_attribute_list@
identifier a;
@@
  static
- const
  struct bin_attribute *
- const
  a[] = { ... };

@param_generator@
identifier f, test, last, desc;
@@
  const void *f(
- struct kunit *test,
  const void *last, char *desc)
  { ... }

@sockaddr@
expression E;
@@
- (struct sockaddr_unsized *)E
+ (struct sockaddr *)E

@domain_alloc@
expression E;
identifier f;
@@
- E.domain_alloc_paging = f;
- E.domain_alloc_identity = f;
+ E.domain_alloc = f;

@domain_allocator@
identifier domain_alloc.f;
@@
  f(
- struct device *dev
+ unsigned int type
  )
  { ... }

@no_domain_alloc@
expression E;
@@
- E.domain_alloc_identity = NULL;
+ E.domain_alloc = NULL;

@remove_pasid@
@@
  mock_set_pasid(...)
  { ... }
+
+ static void mock_remove_pasid(struct device *dev, ioasid_t pasid,
+ 			      struct iommu_domain *domain)
+ {
+ 	keep_pasid(dev, pasid, NULL);
+ }

@remove_pasid_op@
symbol igt_release_domain;
expression E;
@@
+ E->ops.remove_dev_pasid = mock_remove_pasid;
  E->ops.release_domain = &igt_release_domain;

@fwnode_made@
symbol mocks;
identifier mock;
@@
  igt_register(struct igt_iommu *mock)
  {
  ...
+ mock->iommu.fwnode = fwnode_create_software_node(NULL, NULL);
+ if (IS_ERR(mock->iommu.fwnode))
+ 	return PTR_ERR(mock->iommu.fwnode);
  list_add(&mock->entry, &mocks);
  ...
  }

@fwnode_freed@
symbol igt_bus;
expression E;
@@
  iommu_device_unregister_bus(&E->iommu, &igt_bus, &E->nb);
+ fwnode_remove_software_node(E->iommu.fwnode);

@configure_op@
identifier s;
@@
  struct bus_type s = {
- 	.dma_configure = igt_configure_dma,
+ 	.dma_configure = iommu_device_use_default_domain,
  };

@configure_function@
identifier d;
@@
- int igt_configure_dma(struct device *d) { ... }

@configure_declared@
identifier d;
@@
- int igt_configure_dma(struct device *d);

@configure_include@
@@
- #include <kunit/static_stub.h>
