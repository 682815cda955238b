# A Debian package: cmake --build --preset release --target package
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME utmctl)
set(CPACK_PACKAGE_VENDOR "utmctl")
set(CPACK_PACKAGE_CONTACT "The utmctl developers <utmctl@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
  "Creates, runs, snapshots, shows and scripts QEMU machines that are kept as UTM\nbundles. The same bundle works in UTM on a Mac and here, without a daemon or root.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# Libraries are found out from the programs; QEMU is started by name, so it is named here.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS
  "qemu-system-x86 | qemu-system, qemu-system-arm | qemu-system, qemu-utils, ipxe-qemu, ovmf, qemu-efi-aarch64, swtpm, passt")
# For "create --template demo", for lines in "qmp -i", for kernels without Landlock.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "qemu-system-misc, qemu-system-ppc, qemu-efi-arm, cpio, kmod, e2fsprogs, xz-utils, binutils, fdisk, mtools, libedit2, bubblewrap")
include(CPack)
