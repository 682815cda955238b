/* SPDX-License-Identifier: Apache-2.0 */
/* The small languages of `create`: networks, port forwards, serial ports. */
#pragma once

#include "bundles/config.h"

/**
 * create_parse_network() - Read "MODE[,model=DEVICE][,mac=MAC][,bridge=NAME][,isolate]"
 * @text:  MODE is emulated, shared, host or bridged, in any case
 * @model: device without model=; borrowed
 * @error: UTM_ERROR_USAGE
 *
 * Return: a new network, free with config_network_free()
 */
ConfigNetwork *create_parse_network(const char *text, const char *model,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * create_parse_forward() - Read "[tcp:|udp:][HOSTADDR:]HOSTPORT:GUESTPORT"
 * @error: UTM_ERROR_USAGE
 *
 * Return: a new forward, free with config_port_forward_free()
 */
ConfigPortForward *create_parse_forward(const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * create_parse_serial() - Read "terminal", "pty" or "tcp:PORT"
 * @error: UTM_ERROR_USAGE
 *
 * Return: a new serial port, free with config_serial_free()
 */
ConfigSerial *create_parse_serial(const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
