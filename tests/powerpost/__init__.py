"""Tests of the PowerPost client: tables for what decides, HTTP on loopback for what sends."""
