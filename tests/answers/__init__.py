"""Wrong answers as students write them, of kinds that no knob of a reference can be: for each exercise two or three."""
