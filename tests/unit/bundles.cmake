utm_unit_test(bundle bundles)
utm_unit_test(image bundles)
utm_unit_test(sidecar bundles)
utm_unit_test(plist bundles PkgConfig::PLIST)
