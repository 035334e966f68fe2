/* Addresses, sockets, HTTP. */
#include "fault_table.h"

static const struct jl_fault_table_entry entries[] = {
    {JL_FAULT_HTTP_START, "网页服务不能在 {1} 启动（{!}）；请检查地址和端口。",
     "start the HTTP server at {1}: {!}"},
    {JL_FAULT_HTTP_ADDRESS, "地址 {1}：应写成 地址:端口，例如 127.0.0.1:7880 或 [::1]:7880。",
     "address {1}: write it as ADDRESS:PORT, for example 127.0.0.1:7880 or [::1]:7880"},
    {JL_FAULT_ADDRESS_IN_USE, "{1} 已被占用；请停掉占用它的程序，或换一个端口。",
     "{1} is in use; stop the program that listens there or choose another port"},
    {JL_FAULT_ADDRESS_DENIED, "无权使用 {1}；请选 1023 以上的端口，或授权。",
     "may not listen on {1}; choose a port above 1023 or give the right to it"},
    {JL_FAULT_ADDRESS_FOREIGN,
     "{1} 不是本机的地址；请用 127.0.0.1、0.0.0.0 或 ip address 列出的地址。",
     "{1} is not an address of this machine; use 127.0.0.1, 0.0.0.0 or one that `ip address` "
     "shows"},
    {JL_FAULT_ADDRESS_FILES, "{1}：打开的文件太多；请用 ulimit -n 调大上限。",
     "listen on {1}: too many open files; raise ulimit -n"},
    {JL_FAULT_LISTEN, "不能在 {1} 监听（{!}）；请检查地址和端口。", "listen on {1}: {!}"},
    {JL_FAULT_BELL, "{1}：通信文件用不了（{!}）；请检查文件夹权限。", "{1}: {!}"},
    {JL_FAULT_BELL_IN_THE_WAY, "{1}：占住了通信文件的位置；请移走。",
     "{1} is in the way of a socket; move it elsewhere"},
    {JL_FAULT_BELL_HELD, "{1}：另一个程序正在监听；请先停掉它。",
     "another program listens at {1}; stop it first"},
    {JL_FAULT_BELL_REMOVE, "{1}：删不掉（{!}）；请检查权限。", "remove {1}: {!}"},
    {JL_FAULT_BELL_PATH, "通信文件的路径应为 1 到 {1} 字节，现在是 {2}；请换路径短一些的数据目录。",
     "the path of a socket has 1 to {1} bytes, this one {2}; use a data folder with a shorter "
     "path"},
    {JL_FAULT_BELL_BIND, "{1}：不能建立通信文件（{!}）；请检查文件夹权限和磁盘。",
     "{1}: {!}: check the folder's permissions and the disk"},
    {JL_FAULT_ENDPOINT_LONG, "地址超过 {1} 字节；请核对。",
     "the endpoint is longer than {1} bytes"},
    {JL_FAULT_ENDPOINT_HOST_PORT, "地址 {1}：应写成 tcp://主机:端口。",
     "endpoint {1}: write it as tcp://HOST:PORT"},
    {JL_FAULT_ENDPOINT_BRACKETS, "地址 {1}：IPv6 地址要加方括号，例如 tcp://[::1]:7800。",
     "endpoint {1}: put an IPv6 address in brackets, as in tcp://[::1]:7800"},
    {JL_FAULT_ENDPOINT_PORT, "地址 {1}：端口应是 {2} 到 65535 的数字。",
     "endpoint {1}: the port is a number from {2} to 65535"},
    {JL_FAULT_SOCKET_FILES, "打开的文件或连接太多；请用 ulimit -n 调大上限。",
     "{1}: too many open files or sockets; raise the limit (ulimit -n)"},
    {JL_FAULT_SOCKET, "网络操作失败（{!}）；请检查网络和地址。", "{1}: {!}"},
    {JL_FAULT_NET, "与对方的通信没有成功；程序会自动重试。", "{1}"},
    {JL_FAULT_PROTOCOL_NEWER,
     "对方用的是新版协议（第 {1} 版，本程序到第 {2} 版）；请安装新版程序。",
     "a message that needs protocol version {1}; this program speaks version {2}: update it"},
};

const struct jl_fault_table jl_fault_table_net = {entries, sizeof entries / sizeof *entries};
