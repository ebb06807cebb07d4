import { mount } from "svelte";

import App from "./App.svelte";
import "./fonts.css";
import "./look.css";
import Seat from "./seat/Seat.svelte";

// Whoever has a seat in a game may see that alone: nothing of the workbench is mounted or asked for.
const place = document.getElementById("app");
const token = /^\/seat\/([\w-]+)$/.exec(location.pathname)?.[1];
if (place && token) mount(Seat, { target: place, props: { token } });
else if (place) mount(App, { target: place });
