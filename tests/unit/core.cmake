utm_unit_test(near-miss core)
