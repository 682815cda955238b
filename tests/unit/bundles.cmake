utm_unit_test(bundle bundles)
