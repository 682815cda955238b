utm_unit_test(near-miss core)
utm_unit_test(host-cpus core)
utm_unit_test(host-firmware core)
utm_unit_test(host-kvm core)
