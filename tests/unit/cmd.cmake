utm_unit_test(library core)
utm_unit_test(tree core)
utm_unit_test(values cmd)
utm_unit_test(parse cmd)
