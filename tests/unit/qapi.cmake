utm_unit_test(json qapi)
utm_unit_test(json-stream qapi)
utm_unit_test(qmp-client qapi)
