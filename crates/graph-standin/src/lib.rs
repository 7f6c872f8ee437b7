//! A strict, stateful stand-in for Microsoft Graph, with fault switches.
