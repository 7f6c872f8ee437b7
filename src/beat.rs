//! The app's own beat: proof, once a second, that it still draws.
//!
//! The beat is fired from an effect after a rendering of its own, and not from the bare timer: a timer would go on
//! beating over an app whose scheduler has stopped. `src/boot.js` counts the seconds without one.

use gloo_timers::callback::Interval;
use wasm_bindgen::JsValue;
use yew::{Html, component, html};

use crate::hooks::{use_effect_with, use_state};
use crate::{panic::dispatch, provoke};

/// The event on `window`, once a second; its `detail` is the number of the beat.
pub const BEAT_EVENT: &str = "tenant-atlas:beat";

const BEAT_MS: u32 = 1_000;

/// Draws nothing and beats for as long as it is mounted. [`App`](crate::app::App) holds exactly one.
#[component]
pub fn Beat() -> Html {
    provoke::while_drawing();
    let n_beats = use_state(|| 0_u32);
    {
        let set_n_beats = n_beats.setter();
        use_effect_with((), move |()| {
            let mut count = 0_u32;
            let interval = Interval::new(BEAT_MS, move || {
                count = count.wrapping_add(1);
                set_n_beats.set(count);
            });
            let click = provoke::in_a_click();
            move || drop((interval, click))
        });
    }
    use_effect_with(*n_beats, |n_beats| {
        dispatch(BEAT_EVENT, &JsValue::from_f64(f64::from(*n_beats)))
    });
    html! {}
}
