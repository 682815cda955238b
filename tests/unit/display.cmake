# What of the viewer needs neither SDL nor SPICE.
if(TARGET display_pure)
  utm_unit_test(display-canvas display_pure)
  utm_unit_test(display-chords display_pure)
  utm_unit_test(display-clipboard display_pure)
  utm_unit_test(display-geometry display_pure)
  utm_unit_test(display-keys display_pure)
  utm_unit_test(display-pointer display_pure)
endif()
